"""What photos prove: facts that the server works out itself, so that a reviewer knows where to look."""
