"""What the routes of every domain share. Only a domain's ``http`` and the HTTP application import it."""
