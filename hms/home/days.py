"""Which day it is for a hospital."""


def today_of(now, zone):
    return now.astimezone(zone).date()
