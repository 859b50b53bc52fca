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
        /\b(?:if|while|for|elif)\b[^\n]{0,200}(?<through>\.tool_calls\b|\.toolCalls\b|\[["']tool_calls["']\]|={2,3}\s*["']tool_(?:calls|use)["']|["']tool_(?:calls|use)["']\s*={2,3})/,
    },
    needs: ['openai', 'anthropic', 'litellm', 'groq', 'mistralai', 'genai', 'bedrock'],
    sets: { framework: 'own-loop' },
    examples: {
      positive: [{ path: 'a.py', text: 'import openai\nfor call in message.tool_calls:\n    run(call)\n', line: 2 }],
      nearMiss: [
        { path: 'a.py', text: 'for call in message.tool_calls:\n    run(call)\n' },
        { path: 'a.js', text: "import OpenAI from 'openai';\nif ('tool_use' in templates) use(templates);\n" },
      ],
    },
  },
] as const satisfies readonly DetectionRule[];
