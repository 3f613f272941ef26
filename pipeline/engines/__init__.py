"""How the calls get made. Every engine drives the same pure `summarise`."""
