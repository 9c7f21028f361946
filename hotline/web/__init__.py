"""HTTP: pages for counsellors, partners and everybody, and the providers' webhooks."""
