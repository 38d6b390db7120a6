"""The vocabulary: frozen types, pure decisions, ports. Standard library only, no I/O."""
