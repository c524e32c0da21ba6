"""The staff console as a person meets it: the browser, the pages, their words in both languages."""
