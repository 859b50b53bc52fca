/** A small tree with one of everything, for tests: a chat service, a training pipeline, evaluations, delivery. */
export const SAMPLE_COMPANY: Readonly<Record<string, string>> = {
  'README.md': '# Sample\n\nSet OPENAI_API_KEY and run.\n',
  LICENSE: 'Apache License\nVersion 2.0, January 2004\n',
  '.github/CODEOWNERS': '* @acme/all\n/models/ @acme/ml\n/training/ @acme/ml @acme/data\n/prompts/\n',
  '.github/workflows/ci.yml':
    'on: push\npermissions:\n  contents: read\njobs:\n  test:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: some/action@main\n      - run: pytest\n',
  'chat/pyproject.toml': '[project]\nname = "chat"\ndependencies = ["openai>=1", "fastapi==0.110.0"]\n',
  'chat/app/llm.py':
    'import os\nfrom openai import OpenAI\n\nSYSTEM_PROMPT = """You are the assistant of Acme.\nAnswer briefly.\n"""\n\nclient = OpenAI(api_key=os.environ["OPENAI_API_KEY"])\n\n\ndef answer(question):\n    return client.chat.completions.create(\n        model="gpt-4o",\n        messages=[{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": question}],\n    )\n',
  'chat/app/search.py':
    'from qdrant_client import QdrantClient\n\nindex = QdrantClient(url="http://localhost:6333")\n\n\ndef find(text):\n    return index.query_points("docs", text)\n',
  'chat/app/routes.py':
    'from fastapi import APIRouter, Depends\n\nfrom .llm import answer\nfrom .search import find\nfrom .auth import current_user\n\nrouter = APIRouter()\n\n\n@router.post("/chat")\ndef chat(question: str, user=Depends(current_user)):\n    return answer(question + str(find(question)))\n\n\n@router.get("/health")\ndef health():\n    return {"ok": True}\n',
  'chat/app/auth.py': 'def current_user():\n    return None\n',
  'chat/tests/test_chat.py': 'from app.llm import answer\n\n\ndef test_answer():\n    assert answer\n',
  'training/requirements.txt': 'torch==2.4.0\ntransformers>=4\n',
  'training/train.py':
    'import torch\nfrom datasets import load_dataset\nfrom transformers import AutoModelForCausalLM, Trainer\n\ntorch.manual_seed(1)\nds = load_dataset("acme/tickets", revision="v1.0")\nmodel = AutoModelForCausalLM.from_pretrained("gpt2")\nTrainer(model=model, train_dataset=ds).train()\n',
  'training/data/README.md': '---\nlicense: cc-by-4.0\ntask_categories:\n- text-generation\n---\n# Tickets\n',
  'training/data/train.csv': 'text,label\na,1\n',
  'models/README.md':
    '---\nlicense: mit\npipeline_tag: text-generation\nbase_model: gpt2\ndatasets:\n- acme/tickets\n---\n# Ticket model\n\n## Limitations\n\nNone known.\n',
  'models/ticket.gguf': 'GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00',
  'prompts/summary.txt': 'Summarize the ticket below in one line.\n{{ticket}}\n',
  'evals/promptfooconfig.yaml':
    'prompts: [file://../prompts/summary.txt]\nproviders: [openai:gpt-4o-2024-08-06]\ntests:\n  - assert:\n      - type: llm-rubric\n        threshold: 0.8\n',
  'deploy/Dockerfile': 'FROM python:3.12-slim\nCOPY . .\nUSER app\n',
  'deploy/main.tf': 'resource "aws_sagemaker_endpoint" "live" {\n  name = "ticket"\n}\n',
};
