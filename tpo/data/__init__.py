"""Data for training: images, which are downloaded, and problems for language models, which plug-ins provide."""
