import type { DetectionRule } from '../rule.ts';
import { NAMED, PYTHON, PYTHON_AND_JAVASCRIPT } from './patterns.ts';

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
