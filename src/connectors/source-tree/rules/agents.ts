import type { DetectionRule } from '../rule.ts';
import { NAMED, PYTHON, PYTHON_AND_JAVASCRIPT } from './patterns.ts';

/** Programs in which a model chooses the next step. */
export const AGENTS = [
  {
    id: 'agent.langchain.create',
    title: 'Agent of LangChain',
    kind: 'agent',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['agent', 'AgentExecutor'],
      pattern:
        /(?<![\w.])(?<through>initialize_agent|AgentExecutor(?:\.from_agent_and_tools)?|create_(?:react|tool_calling|openai_functions|openai_tools|structured_chat|sql|csv|pandas_dataframe|json_chat|xml|deep)_agent|create_agent|create(?:React|ToolCalling|OpenAIFunctions|OpenAITools)?Agent)\(/,
      unless: /^\s*(?:async\s+)?(?:def|function|class|import|from)\s/,
      call: [NAMED],
    },
    needs: ['langchain', 'langgraph', 'deepagents'],
    sets: { framework: 'langchain' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from langgraph.prebuilt import create_react_agent\nagent = create_react_agent(llm, tools, name="clerk")\n',
          line: 2,
          captures: { name: 'clerk' },
        },
        {
          path: 'a.ts',
          text: "import { createReactAgent } from '@langchain/langgraph/prebuilt';\nconst a = createReactAgent({ llm, tools });\n",
          line: 2,
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'agent = create_agent(db)\n' },
        { path: 'a.py', text: 'import langchain\ndef create_agent(llm):\n    pass\n' },
      ],
    },
  },
  {
    id: 'agent.langgraph.graph',
    title: 'Graph of LangGraph',
    kind: 'agent',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['StateGraph(', 'MessageGraph('],
      pattern: /(?<![\w.])(?<through>StateGraph|MessageGraph)\(/,
      unless: /^\s*class\s/,
    },
    needs: ['langgraph'],
    sets: { framework: 'langgraph' },
    examples: {
      positive: [{ path: 'a.py', text: 'from langgraph.graph import StateGraph\ng = StateGraph(State)\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: 'g = StateGraph(State)\n' }],
    },
  },
  {
    id: 'agent.crewai.agent',
    title: 'Agent or crew of CrewAI',
    kind: 'agent',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Agent(', 'Crew('],
      pattern: /(?<![\w.@])(?<through>Agent|Crew)\(/,
      call: [/\brole\s*=\s*(?:\w{0,3}["']{1,3})\s*(?<name>[^"'\n]{1,80})/],
      unless: /^\s*class\s/,
    },
    needs: ['crewai'],
    sets: { framework: 'crewai' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from crewai import Agent\na = Agent(\n    role="Researcher",\n    goal="x",\n)\n',
          line: 2,
          captures: { name: 'Researcher' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'a = Agent(role="Researcher")\n' }],
    },
  },
  {
    id: 'agent.autogen.agent',
    title: 'Agent of AutoGen',
    kind: 'agent',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Agent(', 'GroupChat'],
      pattern:
        /(?<!\w)(?<through>(?:autogen\.)?(?:AssistantAgent|ConversableAgent|UserProxyAgent|CodeExecutorAgent|GroupChatManager|RoundRobinGroupChat|SelectorGroupChat|MagenticOneGroupChat|Swarm))\(/,
      call: [/^\s*["'](?<name>[^"'\n]{1,80})["']/, NAMED],
      unless: /^\s*class\s/,
    },
    needs: ['autogen', 'ag2', 'pyautogen'],
    sets: { framework: 'autogen' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'import autogen\na = autogen.AssistantAgent("writer", llm_config=c)\n',
          line: 2,
          captures: { name: 'writer' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'a = AssistantAgent("writer")\n' }],
    },
  },
  {
    id: 'agent.openai-agents.agent',
    title: 'Agent of the OpenAI Agents SDK',
    kind: 'agent',
    confidence: 'high',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['Agent'],
      pattern:
        /(?<![\w.])(?<through>(?:new\s+)?(?:Agent|RealtimeAgent|SandboxAgent)(?:\[[^\]\n]{0,80}\]|<[^>\n]{0,80}>)?)\(/,
      call: [NAMED],
      unless: /^\s*class\s/,
      requires: ['name'],
    },
    needs: ['from agents import', 'from agents.', '@openai/agents', 'openai_agents'],
    sets: { framework: 'openai-agents' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from agents import Agent, Runner\na = Agent(name="Triage", instructions="Route the request.")\n',
          line: 2,
          captures: { name: 'Triage' },
        },
        {
          path: 'a.ts',
          text: "import { Agent } from '@openai/agents';\nconst a = new Agent({\n  name: 'Triage',\n});\n",
          line: 2,
          captures: { name: 'Triage' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'a = Agent(name="Triage")\n' }],
    },
  },
  {
    id: 'agent.python.framework',
    title: 'Agent of a Python framework',
    kind: 'agent',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Agent(', 'dspy.ReAct(', 'ClaudeSDKClient('],
      pattern:
        /(?<![\w.@])(?<through>(?:LlmAgent|SequentialAgent|ParallelAgent|LoopAgent|CodeAgent|ToolCallingAgent|MultiStepAgent|ReActAgent|FunctionAgent|FunctionCallingAgent|OpenAIAgent|AgentWorkflow|ChatCompletionAgent|OpenAIAssistantAgent|AzureAIAgent|ChatAgent|ClaudeSDKClient|Agent)(?:\.from_(?:tools|tools_or_functions|defaults))?|dspy\.(?:ReAct|CodeAct))\(/,
      call: [NAMED],
      unless: /^\s*class\s/,
    },
    needs: [
      'google.adk',
      'smolagents',
      'llama_index',
      'semantic_kernel',
      'pydantic_ai',
      'from haystack',
      'dspy',
      'strands',
      'agno',
      'phi.agent',
      'claude_agent_sdk',
      'claude_code_sdk',
      'agent_framework',
      'camel.agents',
      'letta',
    ],
    sets: { framework: 'python-agent' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from smolagents import CodeAgent\na = CodeAgent(tools=[], model=m)\n',
          line: 2,
          captures: { through: 'CodeAgent' },
        },
        { path: 'a.py', text: 'from pydantic_ai import Agent\na = Agent("openai:gpt-4o")\n', line: 2 },
        {
          path: 'a.py',
          text: 'from google.adk.agents import LlmAgent\nroot = LlmAgent(name="root")\n',
          line: 2,
          captures: { name: 'root' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: 'from rllib import Agent\na = Agent(env)\n' },
        { path: 'a.py', text: 'import smolagents\nclass Mine(CodeAgent):\n    pass\n' },
      ],
    },
  },
  {
    id: 'agent.javascript.framework',
    title: 'Agent of a JavaScript framework',
    kind: 'agent',
    confidence: 'high',
    files: { languages: ['javascript'] },
    match: {
      form: 'line',
      literals: ['Agent', 'createNetwork(', 'stopWhen', 'maxSteps'],
      pattern:
        /(?<![\w.])(?<through>new\s+(?:Agent|ToolLoopAgent|Experimental_Agent|FunctionAgent|ReActAgent|OpenAIAgent|LlmAgent)|agent(?=\(\s*\{)|createAgent|createNetwork)(?:<[^>\n]{0,80}>)?\(|^\s*(?<through2>stopWhen|maxSteps)\s*:/,
      call: [NAMED],
    },
    needs: [
      "from 'ai'",
      'from "ai"',
      '@mastra/',
      'llamaindex',
      '@google/adk',
      '@inngest/agent-kit',
      'voltagent',
      'agents/ai-',
      '@cloudflare/agents',
      'genkit',
    ],
    sets: { framework: 'javascript-agent' },
    examples: {
      positive: [
        {
          path: 'a.ts',
          text: "import { Agent } from '@mastra/core/agent';\nexport const a = new Agent({\n  name: 'Chef',\n});\n",
          line: 2,
          captures: { name: 'Chef' },
        },
        {
          path: 'a.ts',
          text: "import { generateText } from 'ai';\nawait generateText({\n  model,\n  stopWhen: stepCountIs(5),\n});\n",
          line: 4,
        },
      ],
      nearMiss: [{ path: 'a.ts', text: "import https from 'https';\nconst a = new Agent({ keepAlive: true });\n" }],
    },
  },
  {
    id: 'agent.claude-agent-sdk.query',
    title: 'Agent of the Claude Agent SDK',
    kind: 'agent',
    confidence: 'high',
    files: {},
    match: {
      form: 'import',
      modules: {
        python: ['claude_agent_sdk', 'claude_code_sdk'],
        javascript: ['@anthropic-ai/claude-agent-sdk', '@anthropic-ai/claude-code'],
      },
    },
    sets: { framework: 'claude-agent-sdk', through: 'import' },
    examples: {
      positive: [{ path: 'a.ts', text: "import { query } from '@anthropic-ai/claude-agent-sdk';\n", line: 1 }],
      nearMiss: [{ path: 'a.ts', text: "import Anthropic from '@anthropic-ai/sdk';\n" }],
    },
  },
  {
    id: 'agent.jvm.framework',
    title: 'Agent on the JVM or .NET',
    kind: 'agent',
    confidence: 'high',
    files: { languages: ['java', 'kotlin', 'csharp'] },
    match: {
      form: 'line',
      literals: ['AiServices', 'ChatCompletionAgent', 'AIAgent', 'LlmAgent', 'AgenticServices', '.defaultTools('],
      pattern:
        /\b(?<through>AiServices\.(?:builder|create)|new\s+ChatCompletionAgent|LlmAgent\.builder|AgenticServices\.\w{1,40}|AIAgent|\w{0,10}\.defaultTools)\s*[({]/,
    },
    sets: { framework: 'jvm-agent' },
    examples: {
      positive: [
        { path: 'A.java', text: 'Assistant a = AiServices.builder(Assistant.class).tools(t).build();\n', line: 1 },
        { path: 'A.cs', text: 'ChatCompletionAgent a = new ChatCompletionAgent() { Name = "x" };\n', line: 1 },
      ],
      nearMiss: [{ path: 'A.java', text: '// AiServices.builder(Assistant.class)\n' }],
    },
  },
  {
    id: 'agent.model.tool-loop',
    title: 'Own loop of model and tools',
    kind: 'agent',
    confidence: 'medium',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: ['tool_calls', 'tool_use', 'toolCalls', 'function_call'],
      pattern:
        /\b(?:if|while|for|elif)\b[^\n]{0,200}(?<through>\.tool_calls\b|["']tool_calls["']|["']tool_use["']|\.toolCalls\b)/,
    },
    needs: ['openai', 'anthropic', 'litellm', 'groq', 'mistralai', 'genai', 'bedrock'],
    sets: { framework: 'own-loop' },
    examples: {
      positive: [{ path: 'a.py', text: 'import openai\nfor call in message.tool_calls:\n    run(call)\n', line: 2 }],
      nearMiss: [{ path: 'a.py', text: 'for call in message.tool_calls:\n    run(call)\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];

/** What an agent can do to the world. */
export const AGENT_TOOLS = [
  {
    id: 'tool.python.decorator',
    title: 'Tool for agents',
    kind: 'agent_tool',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['@tool', '@function_tool', '_tool', '@kernel_function', '.tool(', '@ai_function', '.tool_plain'],
      pattern:
        /^\s*@(?<through>tool|function_tool|kernel_function|ai_function|[A-Za-z_]\w{0,40}\.(?:tool|tool_plain|register_for_llm|register_for_execution))\b(?:\((?:\s*["'](?<name>[^"'\n]{1,80})["'])?)?/,
    },
    needs: [
      'langchain',
      'crewai',
      'smolagents',
      'strands',
      'from agents import',
      'semantic_kernel',
      'pydantic_ai',
      'autogen',
      'mcp',
      'fastmcp',
      'langgraph',
      'agno',
      'agent_framework',
      'claude_agent_sdk',
    ],
    sets: { framework: 'python-tool' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from langchain_core.tools import tool\n@tool\ndef search(q: str) -> str:\n    """Search."""\n    return requests.get(q).text\n',
          line: 2,
        },
        {
          path: 'a.py',
          text: 'from mcp.server.fastmcp import FastMCP\n@mcp.tool()\ndef run(cmd: str): ...\n',
          line: 2,
          captures: { through: 'mcp.tool' },
        },
      ],
      nearMiss: [
        { path: 'a.py', text: '@tool\ndef search(): ...\n' },
        { path: 'a.py', text: 'from crewai import x\n# @tool\n' },
      ],
    },
  },
  {
    id: 'tool.python.class',
    title: 'Tool object or class',
    kind: 'agent_tool',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: [
        'StructuredTool',
        'FunctionTool',
        'BaseTool)',
        '(Tool)',
        ' Tool(',
        '[Tool(',
        'QueryEngineTool',
        'ComponentTool(',
      ],
      pattern:
        /(?<![\w.])(?<through>StructuredTool(?:\.from_function)?|FunctionTool(?:\.from_defaults)?|QueryEngineTool(?:\.from_defaults)?|ComponentTool|Tool)\(|^\s*class\s+(?<name>\w{1,80})\((?<through2>BaseTool|Tool|ToolSpec|BaseToolSpec)\)/,
      call: [NAMED],
    },
    needs: ['langchain', 'crewai', 'smolagents', 'llama_index', 'haystack', 'autogen', 'agno', 'google.adk'],
    sets: { framework: 'python-tool' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'from langchain.tools import Tool\nt = Tool(name="search", func=f)\n',
          line: 2,
          captures: { name: 'search' },
        },
        {
          path: 'a.py',
          text: 'from crewai.tools import BaseTool\nclass Mail(BaseTool):\n    pass\n',
          line: 2,
          captures: { name: 'Mail' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 't = Tool(name="hammer")\n' }],
    },
  },
  {
    id: 'tool.python.prebuilt',
    title: 'Ready-made tool with wide reach',
    kind: 'agent_tool',
    confidence: 'high',
    files: { languages: PYTHON },
    match: {
      form: 'line',
      literals: ['Tool(', 'Toolkit', 'PythonREPL', 'CodeExecutor(', 'BashProcess('],
      pattern:
        /(?<![\w.])(?<through>ShellTool|BashTool|BashProcess|Python(?:Ast)?REPL(?:Tool)?|E2BDataAnalysisTool|CodeInterpreterTool|FileManagementToolkit|(?:Read|Write|Delete|Move|Copy)FileTool|FileReadTool|FileWriterTool|DirectoryReadTool|SQLDatabaseToolkit|QuerySQLData[Bb]aseTool|NL2SQLTool|GmailToolkit|O365Toolkit|SlackToolkit|JiraToolkit|GitHubToolkit|RequestsToolkit|Requests(?:Get|Post|Put|Delete|Patch)Tool|PlayWrightBrowserToolkit|ScrapeWebsiteTool|SerperDevTool|StripeAgentToolkit|LocalCommandLineCodeExecutor|DockerCommandLineCodeExecutor|ComputerTool|LocalShellTool|HostedMCPTool|WebSearchTool|FileSearchTool|PythonInterpreterTool|ZapierToolkit)(?:\.from_\w{1,30})?\(/,
    },
    sets: { framework: 'prebuilt' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'tools = [ShellTool(), PythonREPLTool()]\n',
          line: 1,
          captures: { through: 'ShellTool' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'tools = [HammerTool()]\n' }],
    },
  },
  {
    id: 'tool.javascript.definition',
    title: 'Tool for agents in JavaScript',
    kind: 'agent_tool',
    confidence: 'high',
    files: { languages: ['javascript'] },
    match: {
      form: 'line',
      literals: ['tool(', 'Tool(', 'registerTool('],
      pattern:
        /(?<![\w.$])(?<through>tool|createTool|dynamicTool|new\s+(?:DynamicStructuredTool|DynamicTool|FunctionTool)|FunctionTool\.from|(?:server|mcp\w{0,10})\.(?:tool|registerTool)|addTool)\(/,
      call: [/^\s*["'`](?<name>[^"'`\n]{1,80})["'`]/, /\b(?:id|name)\s*:\s*["'`](?<name>[^"'`\n]{1,80})["'`]/],
      unless: /^\s*(?:export\s+)?(?:async\s+)?function\s/,
    },
    needs: [
      "from 'ai'",
      'from "ai"',
      '@langchain/',
      '@mastra/',
      '@modelcontextprotocol/',
      '@openai/agents',
      'llamaindex',
      'fastmcp',
      '@google/adk',
      'claude-agent-sdk',
      '@ai-sdk/',
    ],
    sets: { framework: 'javascript-tool' },
    examples: {
      positive: [
        {
          path: 'a.ts',
          text: "import { tool } from 'ai';\nexport const weather = tool({\n  description: 'x',\n});\n",
          line: 2,
          captures: { through: 'tool' },
        },
        {
          path: 'a.ts',
          text: "import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';\nserver.registerTool('add', {}, fn);\n",
          line: 2,
          captures: { name: 'add' },
        },
      ],
      nearMiss: [{ path: 'a.ts', text: "const t = tool({ name: 'saw' });\n" }],
    },
  },
  {
    id: 'tool.schema.function',
    title: 'Tool declared to a model by its schema',
    kind: 'agent_tool',
    confidence: 'medium',
    files: { languages: PYTHON_AND_JAVASCRIPT },
    match: {
      form: 'line',
      literals: [
        '"function"',
        "'function'",
        'input_schema',
        'bash_20',
        'text_editor_20',
        'computer_20',
        'code_interpreter',
        'web_search',
      ],
      pattern:
        /["']?type["']?\s*:\s*["'](?<through>function|bash_\d{8}|text_editor_\d{8}|computer_\d{8}|computer_use_preview|code_interpreter|web_search(?:_preview|_\d{8})?|file_search|local_shell)["']/,
    },
    needs: ['"tools"', "'tools'", 'tools=', 'tools:', 'tools ='],
    sets: { framework: 'schema' },
    examples: {
      positive: [
        {
          path: 'a.py',
          text: 'tools = [\n    {"type": "function", "function": {"name": "get_weather", "description": "x"}},\n]\n',
          line: 2,
          captures: { through: 'function' },
        },
        {
          path: 'a.py',
          text: 'tools=[{"type": "bash_20250124", "name": "bash"}]\n',
          line: 1,
          captures: { through: 'bash_20250124' },
        },
      ],
      nearMiss: [{ path: 'a.ts', text: "const s = { type: 'function' };\n" }],
    },
  },
  {
    id: 'tool.jvm.annotation',
    title: 'Tool method on the JVM or .NET',
    kind: 'agent_tool',
    confidence: 'high',
    files: { languages: ['java', 'kotlin', 'csharp'] },
    match: {
      form: 'line',
      literals: ['@Tool', '[KernelFunction', '[McpServerTool'],
      pattern:
        /^\s*(?<through>@Tool|\[KernelFunction|\[McpServerTool)(?:\(\s*(?:name\s*=\s*)?"(?<name>[^"\n]{1,80})")?/,
    },
    sets: { framework: 'jvm-tool' },
    examples: {
      positive: [
        { path: 'A.java', text: '    @Tool("Gets the weather")\n', line: 1 },
        { path: 'A.cs', text: '    [KernelFunction("add")]\n', line: 1, captures: { name: 'add' } },
      ],
      nearMiss: [{ path: 'A.java', text: '    // @Tool("x")\n' }],
    },
  },
  {
    id: 'tool.mcp.server',
    title: 'MCP server',
    kind: 'agent_tool',
    confidence: 'high',
    files: { languages: [...PYTHON_AND_JAVASCRIPT, 'go', 'java', 'csharp', 'rust'] },
    match: {
      form: 'line',
      literals: [
        'FastMCP(',
        'McpServer(',
        'MCPServer(',
        'NewMCPServer(',
        'AddMcpServer(',
        'create_sdk_mcp_server(',
        'createSdkMcpServer(',
      ],
      pattern:
        /(?<!\w)(?<through>FastMCP|new\s+(?:McpServer|MCPServer|FastMCP)|server\.NewMCPServer|mcp\.NewServer|\.AddMcpServer|create_sdk_mcp_server|createSdkMcpServer)(?:<[^>\n]{0,60}>)?\(/,
      call: [/^\s*["'](?<name>[^"'\n]{1,80})["']/, NAMED],
      unless: /^\s*class\s/,
    },
    sets: { framework: 'mcp' },
    examples: {
      positive: [
        { path: 'a.py', text: 'mcp = FastMCP("weather")\n', line: 1, captures: { name: 'weather' } },
        {
          path: 'a.ts',
          text: "const s = new McpServer({ name: 'files', version: '1' });\n",
          line: 1,
          captures: { name: 'files' },
        },
      ],
      nearMiss: [{ path: 'a.py', text: 'class FastMCP(Base):\n    pass\n' }],
    },
  },
  {
    id: 'tool.mcp.configuration',
    title: 'MCP server given to an agent',
    kind: 'agent_tool',
    confidence: 'high',
    files: {
      name: /^(?:\.?mcp(?:[_-]?(?:config|servers|settings))?|claude_desktop_config|cline_mcp_settings)\.json$/i,
    },
    match: { form: 'structure', reader: 'mcp-config' },
    sets: { framework: 'mcp' },
    examples: {
      positive: [
        {
          path: '.mcp.json',
          text: '{\n  "mcpServers": {\n    "files": { "command": "npx", "args": ["-y", "@modelcontextprotocol/server-filesystem", "/"] }\n  }\n}\n',
          line: 3,
          captures: { name: 'files' },
        },
      ],
      nearMiss: [{ path: '.mcp.json', text: '{ "servers": 3 }\n' }],
    },
  },
  {
    id: 'tool.approval',
    title: 'A person approves before a tool runs',
    kind: 'trait',
    confidence: 'medium',
    files: { languages: [...PYTHON_AND_JAVASCRIPT, 'json', 'yaml', 'java', 'csharp'] },
    match: {
      form: 'line',
      literals: [
        'interrupt_before',
        'interrupt(',
        'needsApproval',
        'needs_approval',
        'require_approval',
        'requireApproval',
        'human_input',
        'HumanApproval',
        'HumanInTheLoop',
        'approval_mode',
        'canUseTool',
        'can_use_tool',
        'tool_confirmation',
        'require_confirmation',
      ],
      pattern:
        /\b(?:interrupt_before\s*=\s*\[|interrupt\(|needs_?[aA]pproval\s*[:=]\s*(?!false|False)|require_approval["']?\s*[:=]\s*["']?(?!never)|requireApproval\s*:\s*true|human_input\s*=\s*True|human_input_mode\s*=\s*["']ALWAYS|HumanApprovalCallbackHandler|HumanInTheLoopMiddleware|humanInTheLoopMiddleware|approval_mode\s*=\s*["']always|canUseTool\s*[:=]|can_use_tool\s*=|require_confirmation\s*=\s*True)/,
    },
    sets: { trait: 'asks-approval' },
    examples: {
      positive: [
        { path: 'a.py', text: 'app = g.compile(interrupt_before=["tools"])\n', line: 1 },
        { path: 'a.ts', text: 'tool({ needsApproval: true })\n', line: 1 },
      ],
      nearMiss: [{ path: 'a.py', text: 'tool(needs_approval=False)\n' }],
    },
  },
] as const satisfies readonly DetectionRule[];
