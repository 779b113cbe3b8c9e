"""Other systems' live protocols, spoken over our domains. None yet."""
