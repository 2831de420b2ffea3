"""The register: systems, databases, datasets and services, reconciled with each other."""
