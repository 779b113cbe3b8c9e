"""The verbs: the only writers of conversations, beside the message writer."""
