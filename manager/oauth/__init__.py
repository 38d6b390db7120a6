"""The RFCs without I/O: messages are built and judged here, sent elsewhere."""
