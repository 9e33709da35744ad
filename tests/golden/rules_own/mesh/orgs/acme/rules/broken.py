def broken(job):
    return job.settings.nothing
