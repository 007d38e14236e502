"""How this container's HTTP calls go out: the certificates they use, and why one got no response."""
