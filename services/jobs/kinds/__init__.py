"""One file per kind of job: a specification in, messages on the way, a result out."""
