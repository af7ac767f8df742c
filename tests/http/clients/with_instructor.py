"""instructor: what it can do against the server at argv[1], as one JSON object on stdout."""

import json
import sys

import instructor
import openai
import pydantic


class Weather(pydantic.BaseModel):
    """The weather of a city."""

    city: str = pydantic.Field(max_length=30)
    raining: bool


url, model = sys.argv[1:]
plain = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
ask = dict(model=model, messages=[{"role": "user", "content": "Is it raining in Paris?"}], max_tokens=150)
done = {}
done["chat"] = bool(plain.chat.completions.create(**ask).choices[0].message.content)
for feature, mode in [("tools", instructor.Mode.TOOLS), ("schema", instructor.Mode.JSON_SCHEMA)]:
    client = instructor.from_openai(plain, mode=mode)
    answer = client.chat.completions.create(response_model=Weather, max_retries=0, temperature=0, **ask)
    done[feature] = isinstance(answer, Weather)
print(json.dumps(done))
