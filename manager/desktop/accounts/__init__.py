"""The accounts page: who is signed in where, and what can be done about it."""
