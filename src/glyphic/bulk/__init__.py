"""Bulk runs: a folder, archives or a manifest of any number of pictures becomes shards of rows, each input exactly
once, whatever dies in between.

A plan (`plan.py`) pins what is read and how; a shard of its sorted inputs is read by one worker (`reader.py`) and
written as a whole or not at all (`shards.py`). Workers are processes of this machine (`workers.py`) or actors of a Ray
cluster (`cluster.py`); `run.py` is the walk.
"""
