"""The tray: the default as a radio list, attention on top, one notification for n accounts."""
