"""Messages to chats and mail: what they say, and how they are sent."""
