"""The queues that are measured beside ours, each a program with the commands of `protocol`."""
