"""The front page of the report: what the Owner reads first, in English and Russian."""
