"""Words of the field that the gate takes for granted: general abbreviations, and English words with their Korean forms.

Both tables are kept short on purpose: what stands in them is not asked of the paper. They hold no method's name.
"""

# Abbreviations that Korean readers meet everywhere and that a writer may use although the paper spells them out or
# leaves them unsaid; the value is what they stand for, folded, and may be written out beside them.
GLOSSARY: dict[str, str] = {
    "ai": "artificial intelligence",
    "ml": "machine learning",
    "dl": "deep learning",
    "rl": "reinforcement learning",
    "nlp": "natural language processing",
    "cv": "computer vision",
    "lm": "language model",
    "llm": "large language model",
    "vlm": "vision language model",
    "mllm": "multimodal large language model",
    "api": "application programming interface",
    "cpu": "central processing unit",
    "gpu": "graphics processing unit",
    "ui": "user interface",
    "qa": "question answering",
    "sota": "state of the art",
    "top-1": "top 1",  # accuracy of the first guess, written in Latin script in Korean too
    "top-5": "top 5",
    "f1": "f1 score",
    "auc": "area under the curve",
    "id": "identifier",
    "vs": "versus",
    "github": "github",  # where papers say that their code is
}

# English words of titles and their Korean forms, without spaces and hyphens, singular. A word that nearly every entry
# has in Korean (model, data, learning, language, generation, performance) is left out: it would prove nothing.
_FORMS = """
2d: 2차원, 2D
3d: 3차원, 3D
4d: 4차원, 4D
abstract: 추상
access: 접근
action: 행동, 동작, 액션
activation: 활성
active: 능동
adaptation: 적응
adapter: 어댑터
adaptive: 적응
adversarial: 적대적
agent: 에이전트
agentic: 에이전트
alignment: 정렬
animation: 애니메이션
annotation: 주석, 어노테이션
arabic: 아랍
arithmetic: 산술
artist: 예술가, 아티스트
asset: 자산, 에셋
asynchronous: 비동기
attack: 공격
attention: 어텐션, 주의
audio: 오디오, 음향
autoencoder: 오토인코더
autonomous: 자율
autoregressive: 자기회귀, 자동회귀, 오토리그레시브
avatar: 아바타
bayesian: 베이지안, 베이즈
benchmark: 벤치마크
bias: 편향
biology: 생물
biomedical: 생의학, 의생명
blending: 블렌딩, 혼합
camera: 카메라
caption: 캡션
captioning: 캡션, 캡셔닝
causal: 인과
chart: 차트, 도표
chatbot: 챗봇
chemistry: 화학
chinese: 중국
classification: 분류
classifier: 분류기
clinical: 임상
code: 코드, 코딩
coding: 코드, 코딩
collaborative: 협업, 협력
common sense: 상식
commonsense: 상식
compiler: 컴파일러
composition: 구성, 합성
compression: 압축
computer: 컴퓨터
concept: 개념, 컨셉
conceptual: 개념
consistency: 일관성
consistent: 일관
constraint: 제약
context: 문맥, 컨텍스트, 맥락
continual: 지속, 연속
contrastive: 대조
control: 제어, 컨트롤
controllable: 제어, 컨트롤
conversation: 대화
conversational: 대화
convolution: 컨볼루션, 합성곱
cooperative: 협력
creative: 창의, 창작
creativity: 창의
cultural: 문화
curriculum: 커리큘럼
curse: 저주
dance: 춤, 댄스
dangerous: 위험
debugging: 디버깅
decoding: 디코딩
decompilation: 디컴파일
defect: 결함
denoising: 노이즈제거, 디노이징
depth: 깊이, 심도
design: 디자인, 설계
detection: 탐지, 검출, 감지
diagnosis: 진단
diagnostic: 진단
dialect: 방언
dialog: 대화
dialogue: 대화
differentiable: 미분
diffusion: 확산, 디퓨전
discrete: 이산
distillation: 증류
distributed: 분산
document: 문서
domain: 도메인, 영역
driving: 주행, 운전
dynamic: 동적, 동역학, 다이나믹
edit: 편집
editing: 편집
education: 교육
embedding: 임베딩
embodied: 체화, 구현된
emotion: 감정
encoder: 인코더
energy efficient: 에너지효율
english: 영어, 영문
entropy: 엔트로피
environment: 환경
evolution: 진화
evolutionary: 진화
expert: 전문가
explanation: 설명
exploration: 탐색, 탐험
face: 얼굴
facial: 얼굴
fairness: 공정
feedback: 피드백
few shot: 퓨샷, 소수샷, 소수예제
film: 영화
financial: 금융
fine tuning: 미세조정, 파인튜닝
finetuning: 미세조정, 파인튜닝
font: 폰트, 글꼴
forgetting: 망각
foundation model: 기초모델, 파운데이션, 기반모델
french: 프랑스
front end: 프론트엔드, 프런트엔드
function: 함수
game: 게임
garment: 의류, 의상
gaussian: 가우시안, 가우스
geometric: 기하
geometry: 기하
german: 독일
gesture: 제스처
governance: 거버넌스
gradient: 그래디언트, 경사, 기울기
graph: 그래프
graphic: 그래픽
grasping: 파지, 잡기
group: 그룹
hair: 머리카락, 헤어
hallucination: 환각
hand: 손
health: 건강, 보건
healthcare: 의료, 헬스케어
hierarchical: 계층
human: 인간, 사람
humanoid: 휴머노이드
humor: 유머
hyperspectral: 초분광
identity: 정체성, 신원, 아이덴티티
illusion: 착시
image: 이미지, 영상
in context learning: 문맥내학습, 인컨텍스트, 맥락내학습
indic: 인도
inference: 추론
instruction: 지시, 명령, 인스트럭션
interactive: 상호작용, 대화형, 인터랙티브
interpretability: 해석
interpretable: 해석
inversion: 역변환, 인버전, 반전
jailbreak: 탈옥
japanese: 일본
kernel: 커널
knowledge: 지식
korean: 한국
large language model: 대규모언어모델, 대형언어모델, 거대언어모델
latent: 잠재
law: 법칙, 법률
layer: 레이어, 층, 계층
layout: 레이아웃, 배치
legal: 법률
length: 길이
light: 조명, 빛
lighting: 조명
linear: 선형
listening: 청취, 듣기
llm: 대규모언어모델, 대형언어모델, 거대언어모델
logic: 논리
long context: 긴문맥, 긴컨텍스트, 장문맥, 긴맥락, 롱컨텍스트
low rank: 저랭크, 저순위, 저차원
low resource: 저자원
machine translation: 번역
manipulation: 조작
mask: 마스크, 마스킹
masked: 마스크
material: 재료, 재질, 소재
math: 수학
mathematic: 수학
mathematical: 수학
medical: 의료, 의학
medicine: 의학, 의료
memory: 메모리, 기억
merging: 병합
mesh: 메시, 메쉬
mixture of expert: 전문가혼합, 전문가의혼합, 혼합전문가
mobile: 모바일
molecular: 분자
molecule: 분자
motion: 모션, 움직임, 동작
movie: 영화
multi agent: 다중에이전트, 멀티에이전트
multi modal: 멀티모달, 다중모달, 다중모드, 다중양식
multi modality: 멀티모달, 다중모달, 다중모드, 다중양식
multi task: 멀티태스크, 다중작업, 다중과제
multi turn: 멀티턴, 다중턴
multi view: 다중뷰, 멀티뷰, 다시점, 다중시점
multilingual: 다국어, 다언어
multimodal: 멀티모달, 다중모달, 다중모드, 다중양식
multimodality: 멀티모달, 다중모달, 다중모드
music: 음악
narrative: 서사, 내러티브, 이야기
navigation: 내비게이션, 탐색, 항법
neural: 신경
neuron: 뉴런
noise: 노이즈, 잡음
object: 객체, 물체, 오브젝트
optical flow: 광학흐름, 옵티컬플로우
optimal: 최적
optimization: 최적화
optimizer: 옵티마이저, 최적화
panorama: 파노라마
parallel: 병렬
parameter efficient: 매개변수효율, 파라미터효율
pathology: 병리
perception: 인식, 지각
perplexity: 퍼플렉시티, 혼란도, 난해도, 당혹도
persona: 페르소나
personalization: 개인화
personalized: 개인화
perspective: 관점, 시점
phone: 폰
photorealistic: 사실적, 포토리얼
physical: 물리
physics: 물리
pixel: 픽셀
planning: 계획, 플래닝
point: 포인트, 점
point cloud: 포인트클라우드, 점구름
policy: 정책
political: 정치
portrait: 초상, 인물
portuguese: 포르투갈
pose: 포즈, 자세
pre training: 사전학습, 사전훈련, 프리트레이닝
prediction: 예측
preference: 선호
pretrained model: 사전학습, 사전훈련, 프리트레인
pretraining: 사전학습, 사전훈련, 프리트레이닝
prior: 사전지식, 프라이어
privacy: 프라이버시, 개인정보
probability: 확률
program: 프로그램, 프로그래밍
programming: 프로그래밍
prompt: 프롬프트
prompting: 프롬프트, 프롬프팅
protein: 단백질
pruning: 가지치기, 프루닝
quantization: 양자화
quantum: 양자
question: 질문, 질의
question answering: 질의응답, 질문답변, 질문응답
radiance field: 방사, 래디언스, 복사장, 광도장
random: 무작위, 랜덤, 임의
ranking: 순위, 랭킹
real time: 실시간
reasoning: 추론
recognition: 인식
recommendation: 추천
reconstruction: 재구성, 복원
recurrent: 순환
red teaming: 레드팀
reinforcement: 강화학습
relightable: 재조명, 리라이팅
relighting: 재조명, 리라이팅
rendering: 렌더링
representation: 표현
restoration: 복원
retrieval: 검색
reversal: 역전, 반전
reward: 보상
risk: 위험
robot: 로봇
robotic: 로봇
robust: 강건, 견고
robustness: 강건, 견고
safe: 안전
safety: 안전
sampling: 샘플링
scaling law: 스케일링법칙, 확장법칙, 규모의법칙
scene: 장면, 씬
schedule: 일정, 스케줄
scheduled: 일정, 스케줄
science: 과학
scientific: 과학
score: 점수, 스코어
search: 검색, 탐색
security: 보안
segment anything: 모든것을분할, 세그멘테이션, 세그먼트
segmentation: 분할, 세그멘테이션, 세분화
selection: 선택
semantic: 의미, 시맨틱
shape: 형태, 형상, 모양
signature: 서명
similarity: 유사
simulation: 시뮬레이션
simulator: 시뮬레이터, 시뮬레이션
singing: 노래, 가창
sketch: 스케치
skill: 기술, 스킬
smartphone: 스마트폰
social: 사회, 소셜
software: 소프트웨어
sound: 소리, 사운드, 음향
spanish: 스페인
sparse: 희소, 스파스
sparsity: 희소, 스파스
spatial: 공간
speaker: 화자
speculative: 추측, 투기
speech: 음성
splatting: 스플래팅
spoken: 음성, 구어
state space: 상태공간
stock: 주식
story: 이야기, 스토리
streaming: 스트리밍
style: 스타일
subject driven: 주체, 피사체, 주제
super resolution: 초해상도
supervised: 지도
supervision: 감독, 지도
survey: 조사, 서베이, 설문
symbolic: 기호
synthesis: 합성
synthetic: 합성
table: 표, 테이블
tabular: 표, 테이블
temporal: 시간
text to 3d: 텍스트3D, 텍스트에서3D, 텍스트투3D
text to audio: 텍스트오디오, 텍스트투오디오
text to image: 텍스트이미지, 텍스트에서이미지, 텍스트투이미지, 텍스트대이미지
text to video: 텍스트비디오, 텍스트에서비디오, 텍스트투비디오
texture: 텍스처, 질감
theorem: 정리
thought: 사고, 생각
time series: 시계열
token: 토큰
tokenization: 토큰화
tokenizer: 토크나이저
tool: 도구, 툴
tracking: 추적, 트래킹
traffic: 교통
trajectory: 궤적
transfer: 전이, 전송
transformer: 트랜스포머, 변환기
translation: 번역
tree: 트리
try on: 착용, 트라이온
tuning: 튜닝, 조정
uncertainty: 불확실
unlearning: 언러닝, 잊
unsupervised: 비지도
upscaling: 업스케일
user: 사용자
vector: 벡터
verification: 검증
video: 비디오, 동영상, 영상
view: 뷰, 시점
virtual: 가상
vision: 비전, 시각
visual: 시각, 비주얼
vocabulary: 어휘
voice: 음성, 목소리
watermark: 워터마크
weather: 날씨, 기상
web: 웹
world model: 세계모델, 월드모델
zero shot: 제로샷, 제로숏
"""
KOREAN: dict[str, tuple[str, ...]] = {
    english.strip(): tuple(form.strip() for form in forms.split(","))
    for english, _, forms in (line.partition(":") for line in _FORMS.strip().splitlines())
}
