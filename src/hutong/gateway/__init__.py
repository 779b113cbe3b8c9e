"""The WebSocket edge: connections, resume, presence, fan-out. No rule of the product is decided here."""
