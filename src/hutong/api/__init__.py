"""The HTTP application: routers, middleware, the description, the rendering of errors, the web client."""
