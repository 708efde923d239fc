"""Tests of the model files on this machine."""
