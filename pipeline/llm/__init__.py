"""Who answers. Adapters know transport, not what an answer means."""
