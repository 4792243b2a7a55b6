"""A module for each framework: `NEEDS`, what must be installed, and `work`, one job."""
