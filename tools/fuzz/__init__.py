"""Commands and stored files of any content: whatever comes, `tpo` says so in a line, and soon."""
