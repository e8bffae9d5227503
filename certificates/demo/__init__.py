"""The demo body: fictional people and organisations whose cases walk the real steps on set days."""
