"""What is searched, in four parts that `Problem` puts together with a prediction.

A `SearchSpace` of features and constraints says what a candidate is, an `Objective` what is searched for and which way,
penalties what unrealistic candidates pay in the search, and a `Gate` how plausible a result has to be. Their sum is the
score of a candidate; `Candidates` holds many of them as arrays. `MeasuredRows` tell what was measured already. A new
penalty is a file in `penalties` that meets the protocol `Penalty`, plus a line in its `__init__`.
"""
