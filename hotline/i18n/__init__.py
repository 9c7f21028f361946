"""Words: catalogues of translations, the texts they give, and the tools translators work with."""
