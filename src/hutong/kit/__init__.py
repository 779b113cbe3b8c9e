"""Pure vocabulary that every floor may use. Imports nothing of ours and does no input or output."""
