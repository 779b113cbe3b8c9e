"""The product, and nowhere else."""
