"""The proof of the gate: break the local staging in every catalogued way, and see whether the gate notices."""
