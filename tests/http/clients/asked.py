"""What every script beside this one is asked: `script URL MODEL EMBEDDER`. It says what its client did as one JSON object."""

import json
import sys

import pydantic

URL, MODEL, EMBEDDER = sys.argv[1:]
HELLO = "Say hello."
QUESTION = "Is it raining in Paris?"
EMBEDDING_VALUES = 384
# A temperature that no server takes.
BAD_TEMPERATURE = -1


class Weather(pydantic.BaseModel):
    """The weather of a city."""

    city: str = pydantic.Field(max_length=30)
    raining: bool


def busy_server():
    """The address of a server whose queue is full until it has refused a request, and the name of its model."""
    print("busy", flush=True)
    return input(), "toy-1"


def fails_with(kind, act, status):
    """Whether it is this exception, of this status, that the client raises."""
    try:
        act()
    except kind as error:
        return error.status_code == status
    return False


def are_embeddings(vectors):
    return len(vectors) == 2 and all(len(vector) == EMBEDDING_VALUES for vector in vectors) and vectors[0] != vectors[1]


def tell(done):
    print(json.dumps(done))
