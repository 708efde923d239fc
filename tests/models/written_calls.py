"""Calls in text, as models were trained to write them: one call for two days in Paris in each format."""

from typing import Final

JSON: Final = '{"city": "Paris", "days": 2}'

CLOSED: Final = {
    "Hermes": f'<tool_call>\n{{"name": "get_weather", "arguments": {JSON}}}\n</tool_call>',
    "Granite": f'<function_call>{{"name": "get_weather", "arguments": {JSON}}}</function_call>',
    "Qwen3-Coder": "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n"
    "<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
    "Qwen3-Coder without tool_call": "<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n"
    "<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>",
    "Qwen3-Coder, parameters not closed": "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n"
    "<parameter=days>\n2\n</function>\n</tool_call>",
    "GLM": "<tool_call>get_weather\n<arg_key>city</arg_key>\n<arg_value>Paris</arg_value>\n"
    "<arg_key>days</arg_key>\n<arg_value>2</arg_value>\n</tool_call>",
    "GLM in one line": "<tool_call>get_weather<arg_key>city</arg_key><arg_value>Paris</arg_value>"
    "<arg_key>days</arg_key><arg_value>2</arg_value></tool_call>",
    "MiniMax": '<minimax:tool_call>\n<invoke name="get_weather">\n<parameter name="city">Paris</parameter>\n'
    '<parameter name="days">2</parameter>\n</invoke>\n</minimax:tool_call>',
    "DeepSeek 3.2": '<｜DSML｜function_calls>\n<｜DSML｜invoke name="get_weather">\n'
    '<｜DSML｜parameter name="city" string="true">Paris</｜DSML｜parameter>\n'
    '<｜DSML｜parameter name="days" string="false">2</｜DSML｜parameter>\n'
    "</｜DSML｜invoke>\n</｜DSML｜function_calls>",
    "harmony": f"<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{JSON}<|call|>",
    "harmony with its start": "<|start|>assistant<|channel|>commentary to=functions.get_weather"
    f"<|constrain|>json<|message|>{JSON}<|call|>",
    "harmony, to whom first": "<|start|>assistant to=functions.get_weather<|channel|>commentary json"
    f"<|message|>{JSON}<|call|>",
    "DeepSeek 3": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n"
    f"```json\n{JSON}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "DeepSeek 3.1": "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>"
    f"{JSON}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
    "Llama, in a tag": f"<function=get_weather>{JSON}</function>",
    "Llama's python tag, JSON": f'<|python_tag|>{{"name": "get_weather", "parameters": {JSON}}}<|eom_id|>',
    "Llama's python tag, Python": '<|python_tag|>get_weather.call(city="Paris", days=2)<|eom_id|>',
    "Gemma": "```tool_code\nget_weather(city='Paris', days=2)\n```",
    "Gemma, printed": "```tool_code\nprint(default_api.get_weather(city='Paris', days=2))\n```",
    "Gemma, by place": "```tool_code\nresult = get_weather('Paris', 2)\n```",
    "Kimi": "<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>"
    f"{JSON}<|tool_call_end|><|tool_calls_section_end|>",
}
"""Calls with what ends them."""

OPEN: Final = {
    "Mistral": f'[TOOL_CALLS][{{"name": "get_weather", "arguments": {JSON}}}]',
    "Mistral's newer": f"[TOOL_CALLS]get_weather[ARGS]{JSON}",
    "Mistral's newer, with an id": f"[TOOL_CALLS]get_weather[CALL_ID]aB3dE5fG7[ARGS]{JSON}",
    "Mistral's newer, without its tag": f"[TOOL_CALLS]get_weather{JSON}",
    "Llama's python tag": f'<|python_tag|>{{"name": "get_weather", "parameters": {JSON}}}',
    "Llama's python tag, called": '<|python_tag|>get_weather.call(city="Paris", days=2)',
    "harmony, not closed": f"<|channel|>commentary to=functions.get_weather json<|message|>{JSON}",
    "Hermes, not closed": f'<tool_call>{{"name": "get_weather", "arguments": {JSON}}}',
    "Kimi without its section": "<|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>" + JSON,
}
"""Calls that the end of the text ends."""

ALL: Final = {**CLOSED, **OPEN}
"""From the name of a format to its call."""
