"""Other systems' exports, read into our domains."""
