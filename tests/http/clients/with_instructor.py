"""instructor."""

import instructor
import openai
from asked import *


def client(url=URL, mode=instructor.Mode.JSON_SCHEMA, max_retries=0):
    plain = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=max_retries)
    return instructor.from_openai(plain, mode=mode)


ask = dict(model=MODEL, messages=[{"role": "user", "content": QUESTION}], max_tokens=150, temperature=0)
form = dict(response_model=Weather, max_retries=0)
done = {"chat": bool(client().chat.completions.create(response_model=None, **ask).choices[0].message.content)}
for feature, mode in [("tools: named", instructor.Mode.TOOLS), ("schema", instructor.Mode.JSON_SCHEMA)]:
    done[feature] = isinstance(client(mode=mode).chat.completions.create(**form, **ask), Weather)
url, model = busy_server()
again = client(url, max_retries=3).chat.completions.create(response_model=None, **{**ask, "model": model, "max_tokens": 5})
done["retry on 429"] = bool(again.choices[0].message.content)
tell(done)
