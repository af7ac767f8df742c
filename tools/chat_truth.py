#!/usr/bin/env python3
"""Writes golden/chat/defaults.json: how llama.cpp's built-in chat templates write one conversation.

Usage: python3 tools/chat_truth.py > golden/chat/defaults.json     (needs llama-cpp-python)
"""
import ctypes
import json

import llama_cpp

TALK = [("system", "Be brief."), ("user", " Hi! "), ("assistant", "Hello."), ("user", "2+2?")]


def written(name):
    messages = (llama_cpp.llama_chat_message * len(TALK))()
    for message, (role, content) in zip(messages, TALK):
        message.role, message.content = role.encode(), content.encode()
    buffer = ctypes.create_string_buffer(4096)
    count = llama_cpp.llama_chat_apply_template(name.encode(), messages, len(TALK), True, buffer, len(buffer))
    return buffer.raw[:count].decode()


def main():
    names = (ctypes.c_char_p * 256)()
    count = llama_cpp.llama_chat_builtin_templates(names, len(names))
    texts = {name: written(name) for name in sorted(name.decode() for name in names[:count])}
    header = {"generator": "tools/chat_truth.py", "source": "llama-cpp-python " + llama_cpp.__version__, "talk": TALK, "texts": texts}
    print(json.dumps(header, indent=1))


main()
