"""Claims: what keeps a task that is repeated by its engine from sending its message twice."""
