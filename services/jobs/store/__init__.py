"""The database of jobs: runs, trainings and studies, with states, traces and results."""
