"""Where and when: positions against the fence and against each other, times against each other and the visit."""
