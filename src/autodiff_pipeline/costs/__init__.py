"""Estimates of what a run costs, before it is planned: networks, jobs, time and memory.

Times are for one core of a current server, right within a factor of about three. Nothing here
imports torch or builds a list whose length is a number in the configuration, so even a run that is
far too large is refused at once.
"""
