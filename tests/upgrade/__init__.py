"""An upgrade while mail flows, by real processes of two releases."""
