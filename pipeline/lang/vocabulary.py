"""Words of the field that the gate takes for granted: general abbreviations, and English words with their Korean forms.

The first two tables are kept short on purpose: what stands in them is not asked of the paper. They hold no method's
name. The third holds what is in nearly every paper, by which a sentence can be found again but no paper be told.
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
absorption: 흡수
abstract: 추상
access: 접근
action: 행동, 동작, 액션
activation: 활성
active: 능동
adaptation: 적응
adapter: 어댑터
adaptive: 적응
addition: 덧셈, 추가
adversarial: 적대적
aesthetic: 미적, 심미
agent: 에이전트
agentic: 에이전트
algebra: 대수
algebraic: 대수
alignment: 정렬
ambiguity: 모호, 중의
ambiguous: 모호, 중의
anchor: 앵커
animal: 동물
animation: 애니메이션
annotation: 주석, 어노테이션
anomaly: 이상
anonymization: 익명
appearance: 외형, 외관, 겉모습
arabic: 아랍
arithmetic: 산술
artist: 예술가, 아티스트
asset: 자산, 에셋
asynchronous: 비동기
attack: 공격
attacker: 공격자
attention: 어텐션, 주의
audio: 오디오, 음향
audit: 감사
autoencoder: 오토인코더
autonomous: 자율
autoregressive: 자기회귀, 자동회귀, 오토리그레시브
auxiliary: 보조
avatar: 아바타
background: 배경
batch: 배치
bayesian: 베이지안, 베이즈
benchmark: 벤치마크
bias: 편향
biology: 생물
biomedical: 생의학, 의생명
bit: 비트
blending: 블렌딩, 혼합
block: 블록
book: 도서, 서적
boolean: 불리언
bound: 상한, 하한, 한계
brain: 뇌파, 두뇌, 뇌
broadcast: 방송
cache: 캐시
calibration: 보정, 캘리브레이션
camera: 카메라
capacity: 용량, 역량
caption: 캡션
captioning: 캡션, 캡셔닝
category: 범주, 카테고리
causal: 인과
cell: 세포
chain: 사슬, 체인
chain of thought: 사고사슬, 생각의사슬, 사고의사슬, 연쇄적사고, 사고의연쇄
chart: 차트, 도표
chatbot: 챗봇
checkpoint: 체크포인트
chemistry: 화학
chinese: 중국
chip: 반도체
chunk: 청크
classification: 분류
classifier: 분류기
client: 클라이언트
climate: 기후
clinical: 임상
cloth: 의류, 의상
cloud: 클라우드, 구름
cluster: 군집, 클러스터
clustering: 군집, 클러스터링
code: 코드, 코딩
coding: 코드, 코딩
collaborative: 협업, 협력
collision: 충돌
color: 색상
colour: 색상
common sense: 상식
commonsense: 상식
compiler: 컴파일러
composition: 구성, 합성
compression: 압축
computer: 컴퓨터
concept: 개념, 컨셉
conceptual: 개념
configuration: 설정, 구성
consistency: 일관성
consistent: 일관
constraint: 제약
context: 문맥, 컨텍스트, 맥락
continual: 지속, 연속
continuous: 연속, 끊임없
contrastive: 대조
control: 제어, 컨트롤
controllable: 제어, 컨트롤
convergence: 수렴
conversation: 대화
conversational: 대화
conversion: 변환
convex: 볼록
convolution: 컨볼루션, 합성곱
cooperative: 협력
corpus: 말뭉치, 코퍼스
correlation: 상관
cosmic: 우주
cosmology: 우주
crash: 충돌
creative: 창의, 창작
creativity: 창의
cross lingual: 교차언어, 언어간
cultural: 문화
curated: 선별, 큐레이션
curation: 선별, 큐레이션
curriculum: 커리큘럼
curse: 저주
dance: 춤, 댄스
dangerous: 위험
database: 데이터베이스
debate: 토론
debugging: 디버깅
decoding: 디코딩
decompilation: 디컴파일
decomposition: 분해
deepfake: 딥페이크
defect: 결함
deformation: 변형
denoising: 노이즈제거, 디노이징
dense: 밀집, 조밀, 고밀도
density: 밀도
depth: 깊이, 심도
design: 디자인, 설계
detection: 탐지, 검출, 감지
diagnosis: 진단
diagnostic: 진단
dialect: 방언
dialog: 대화
dialogue: 대화
differentiable: 미분
differential equation: 미분방정식
diffusion: 확산, 디퓨전
dimension: 차원
dimensionality: 차원
dimensionality reduction: 차원축소
discrete: 이산
disease: 질병, 질환
disentangled: 분리, 얽힘
distillation: 증류
distributed: 분산
document: 문서
domain: 도메인, 영역
driving: 주행, 운전
dropout: 드롭아웃
drug: 약물, 신약
dust: 먼지
dynamic: 동적, 동역학, 다이나믹
economic: 경제
edge: 간선
edit: 편집
editing: 편집
education: 교육
eigenvalue: 고유값
election: 선거
electron: 전자
embedding: 임베딩
embodied: 체화, 구현된
emission: 방출, 배출
emotion: 감정
encoder: 인코더
energy: 에너지
energy efficient: 에너지효율
english: 영어, 영문
ensemble: 앙상블
entropy: 엔트로피
environment: 환경
equation: 방정식, 수식
equivariant: 등변
error correction: 오류정정
ethic: 윤리
evolution: 진화
evolutionary: 진화
exception: 예외
expert: 전문가
explanation: 설명
explicit: 명시적
exploit: 취약점
exploration: 탐색, 탐험
exponential: 지수적
face: 얼굴
facial: 얼굴
factorization: 분해, 인수분해
fairness: 공정
feature: 특징, 피처
federated: 연합
feed forward: 피드포워드, 순방향
feedback: 피드백
few shot: 퓨샷, 소수샷, 소수예제
film: 영화
filter: 필터
filtering: 필터
financial: 금융
fine tuning: 미세조정, 파인튜닝
finetuning: 미세조정, 파인튜닝
flow: 흐름, 플로우
font: 폰트, 글꼴
foreground: 전경
forgetting: 망각
foundation model: 기초모델, 파운데이션, 기반모델
frame: 프레임
french: 프랑스
frequency: 주파수, 빈도
front end: 프론트엔드, 프런트엔드
function: 함수
galaxy: 은하
game: 게임
garment: 의류, 의상
gas: 가스, 기체
gaussian: 가우시안, 가우스
gene: 유전자
generalization: 일반화
genome: 유전체
geographic: 지리
geographical: 지리
geometric: 기하
geometry: 기하
german: 독일
gesture: 제스처
governance: 거버넌스
gradient: 그래디언트, 경사, 기울기
graph: 그래프
graphic: 그래픽
grasping: 파지, 잡기
gravity: 중력
group: 그룹
guidance: 가이던스, 유도
hacking: 해킹
hair: 머리카락, 헤어
hallucination: 환각
hand: 손
hardware: 하드웨어
harmful: 유해, 해로
head: 헤드, 머리
health: 건강, 보건
healthcare: 의료, 헬스케어
hierarchical: 계층
human: 인간, 사람
humanoid: 휴머노이드
humor: 유머
hybrid: 하이브리드, 혼합
hyperparameter: 하이퍼파라미터, 초매개변수
hyperspectral: 초분광
identity: 정체성, 신원, 아이덴티티
illusion: 착시
image: 이미지, 영상
impairment: 장애
implicit: 암묵, 암시
in context learning: 문맥내학습, 인컨텍스트, 맥락내학습
incremental: 점진, 증분
index: 색인, 인덱스
indic: 인도
inference: 추론
infrastructure: 인프라
inpainting: 인페인팅, 채우
instruction: 지시, 명령, 인스트럭션
integer: 정수
integral: 적분
intelligence: 지능
interactive: 상호작용, 대화형, 인터랙티브
interpolation: 보간
interpretability: 해석
interpretable: 해석
inversion: 역변환, 인버전, 반전
jailbreak: 탈옥
japanese: 일본
kernel: 커널
keyframe: 키프레임
knowledge: 지식
korean: 한국
label: 레이블, 라벨
labeled: 레이블, 라벨
large language model: 대규모언어모델, 대형언어모델, 거대언어모델
laser: 레이저
latency: 지연
latent: 잠재
law: 법칙, 법률
layer: 레이어, 층, 계층
layout: 레이아웃, 배치
leaf: 잎
legal: 법률
lemma: 보조정리
length: 길이
license: 라이선스
light: 조명, 빛
lighting: 조명
lightweight: 경량, 가벼
line: 줄의, 줄을
linear: 선형
linguistic: 언어학
listening: 청취, 듣기
llm: 대규모언어모델, 대형언어모델, 거대언어모델
logic: 논리
long context: 긴문맥, 긴컨텍스트, 장문맥, 긴맥락, 롱컨텍스트
longitudinal: 종단, 장기
loss: 손실
low rank: 저랭크, 저순위, 저차원
low resource: 저자원
lower bound: 하한
machine translation: 번역
magnetic: 자기장, 자성
manifold: 다양체
manipulation: 조작
market: 시장
markov: 마르코프
mask: 마스크, 마스킹
masked: 마스크
mass: 질량
material: 재료, 재질, 소재
math: 수학
mathematic: 수학
mathematical: 수학
matrice: 행렬
matrix: 행렬
matrix factorization: 행렬분해
medical: 의료, 의학
medicine: 의학, 의료
memorization: 암기, 외우, 외운
memory: 메모리, 기억
merging: 병합
mesh: 메시, 메쉬
metric: 지표, 측정, 척도
misinformation: 허위정보, 오정보
mixture of expert: 전문가혼합, 전문가의혼합, 혼합전문가
mobile: 모바일
modality: 모달리티, 양식
module: 모듈
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
multiplication: 곱셈
music: 음악
narrative: 서사, 내러티브, 이야기
navigation: 내비게이션, 탐색, 항법
negative: 부정, 음성
neighbor: 이웃
neighboring: 이웃
neural: 신경
neuron: 뉴런
node: 노드
noise: 노이즈, 잡음
non linear: 비선형
nonlinear: 비선형
normalization: 정규화
number: 숫자, 개수
numerical: 수치
object: 객체, 물체, 오브젝트
observation: 관측, 관찰
occlusion: 가림, 가려
offline: 오프라인
on device: 온디바이스
online: 온라인
open vocabulary: 개방어휘, 오픈보캐뷸러리
optical flow: 광학흐름, 옵티컬플로우
optimal: 최적
optimization: 최적화
optimizer: 옵티마이저, 최적화
orbit: 궤도
overhead: 오버헤드, 부담
panorama: 파노라마
parallel: 병렬
parallelization: 병렬
parameter efficient: 매개변수효율, 파라미터효율
partition: 분할
passage: 패시지, 지문, 단락
patch: 패치
path: 경로
pathology: 병리
patient: 환자
perception: 인식, 지각
perplexity: 퍼플렉시티, 혼란도, 난해도, 당혹도
persona: 페르소나
personalization: 개인화
personalized: 개인화
perspective: 관점, 시점
phenomenon: 현상
phone: 폰
photon: 광자
photorealistic: 사실적, 포토리얼
physical: 물리
physics: 물리
pipeline: 파이프라인
pixel: 픽셀
planning: 계획, 플래닝
point: 포인트, 점
point cloud: 포인트클라우드, 점구름
point of view: 시점
poisoning: 중독, 오염
policy: 정책
political: 정치
polynomial: 다항식
population: 인구, 집단
portrait: 초상, 인물
portuguese: 포르투갈
pose: 포즈, 자세
positional: 위치
posterior: 사후
pre training: 사전학습, 사전훈련, 프리트레이닝
prediction: 예측
preference: 선호
prefix: 접두
pressure: 압력
pretrained model: 사전학습, 사전훈련, 프리트레인
pretraining: 사전학습, 사전훈련, 프리트레이닝
price: 가격
prior: 사전지식, 프라이어, 선행, 이전, 기존
privacy: 프라이버시, 개인정보
probabilistic: 확률
probability: 확률
program: 프로그램, 프로그래밍
programming: 프로그래밍
prompt: 프롬프트
prompting: 프롬프트, 프롬프팅
proof: 증명
prosody: 운율
protein: 단백질
provenance: 출처, 내력
pruning: 가지치기, 프루닝
pseudo: 의사, 유사
quadratic: 이차, 제곱
quantization: 양자화
quantum: 양자
query: 질의, 쿼리
question: 질문, 질의
question answering: 질의응답, 질문답변, 질문응답
radiance field: 방사, 래디언스, 복사장, 광도장
random: 무작위, 랜덤, 임의
rank: 랭크, 계수
ranking: 순위, 랭킹
ray: 광선
real time: 실시간
reasoning: 추론
recognition: 인식
recommendation: 추천
reconstruction: 재구성, 복원
recurrent: 순환
red teaming: 레드팀
refiner: 정제
regression: 회귀
regularization: 정칙화, 정규화
reinforcement: 강화학습
relightable: 재조명, 리라이팅
relighting: 재조명, 리라이팅
rendering: 렌더링
repository: 저장소, 리포지토리
representation: 표현
residual: 잔차
resilience: 회복
restoration: 복원
retrieval: 검색
reversal: 역전, 반전
reverse: 역방향, 거꾸로
review: 검토
reward: 보상
risk: 위험
robot: 로봇
robotic: 로봇
robust: 강건, 견고
robustness: 강건, 견고
rollout: 롤아웃
root: 루트
routing: 라우팅
safe: 안전
safety: 안전
sampling: 샘플링, 뽑아, 뽑는, 뽑습
satellite: 위성
scaling law: 스케일링법칙, 확장법칙, 규모의법칙
scan: 스캔
scene: 장면, 씬
schedule: 일정, 스케줄
scheduled: 일정, 스케줄
science: 과학
scientific: 과학
score: 점수, 스코어
search: 검색, 탐색
security: 보안
segment: 분절, 구간
segment anything: 모든것을분할, 세그멘테이션, 세그먼트
segmentation: 분할, 세그멘테이션, 세분화
selection: 선택
semantic: 의미, 시맨틱
sentiment: 감성, 감정
sequential: 순차
server: 서버
shape: 형태, 형상, 모양
signal: 신호
signal to noise: 신호대잡음
signature: 서명
similarity: 유사
simulation: 시뮬레이션
simulator: 시뮬레이터, 시뮬레이션
singing: 노래, 가창
singular value: 특이값
skeleton: 골격, 뼈대
sketch: 스케치
skill: 기술, 스킬, 능력
skip: 건너뛰
smartphone: 스마트폰
social: 사회, 소셜
software: 소프트웨어
sound: 소리, 사운드, 음향
spanish: 스페인
sparse: 희소, 스파스
sparsity: 희소, 스파스
spatial: 공간
speaker: 화자
species: 생물종
spectral: 스펙트럼, 분광
spectrum: 스펙트럼
speculation: 추측
speculative: 추측, 투기
speech: 음성
speedup: 가속, 속도향상
splatting: 스플래팅
spoken: 음성, 구어
star: 항성, 별의, 별과, 별이
state space: 상태공간
statistic: 통계
statistical: 통계
stellar: 항성, 별의
stochastic: 확률
stock: 주식
story: 이야기, 스토리
streaming: 스트리밍
student: 학생
style: 스타일
subject driven: 주체, 피사체, 주제
suffix: 접미
super resolution: 초해상도
supernova: 초신성
supervised: 지도
supervision: 감독, 지도
surface: 표면, 겉면
surgery: 수술
surrogate: 대리
survey: 조사, 서베이, 설문, 탐사
symbolic: 기호
symmetry: 대칭
synchronization: 동기화
synthesis: 합성
synthetic: 합성
table: 표, 테이블
tabular: 표, 테이블
taxonomy: 분류체계
teacher: 교사
telescope: 망원경
temperature: 온도
template: 템플릿
temporal: 시간
text to 3d: 텍스트3D, 텍스트에서3D, 텍스트투3D
text to audio: 텍스트오디오, 텍스트투오디오
text to image: 텍스트이미지, 텍스트에서이미지, 텍스트투이미지, 텍스트대이미지
text to video: 텍스트비디오, 텍스트에서비디오, 텍스트투비디오
textbook: 교과서
texture: 텍스처, 질감
theorem: 정리
thought: 사고, 생각
thread: 스레드
throughput: 처리량
time series: 시계열
timestep: 시점, 타임스텝
token: 토큰
token by token: 한토큰씩
tokenization: 토큰화
tokenizer: 토크나이저
tool: 도구, 툴
topological: 위상
topology: 위상
toxic: 유해, 독성
toxicity: 유해, 독성
tracking: 추적, 트래킹
trade off: 절충, 상충, 트레이드오프
tradeoff: 절충, 상충, 트레이드오프
traffic: 교통
trajectory: 궤적
transfer: 전이, 전송
transformation: 변환
transformer: 트랜스포머, 변환기
translation: 번역
tree: 트리
try on: 착용, 트라이온
tuning: 튜닝, 조정
turbulence: 난류
uncertainty: 불확실
unit test: 단위테스트
unlearning: 언러닝, 잊
unsupervised: 비지도
upper bound: 상한
upscaling: 업스케일
user: 사용자
variance: 분산
variational: 변분
vector: 벡터
velocity: 속도
verification: 검증
vertex: 정점
video: 비디오, 동영상, 영상
view: 뷰, 시점
virtual: 가상
vision: 비전, 시각
visual: 시각, 비주얼
vocabulary: 어휘
voice: 음성, 목소리
volumetric: 부피, 볼륨
watermark: 워터마크
wavelength: 파장
weather: 날씨, 기상
web: 웹
weight: 가중치, 가중
workflow: 워크플로
world model: 세계모델, 월드모델
zero shot: 제로샷, 제로숏
"""


def _table(lines: str) -> dict[str, tuple[str, ...]]:
    rows = (line.partition(":") for line in lines.strip().splitlines())
    return {english.strip(): tuple(form.strip() for form in forms.split(",")) for english, _, forms in rows}


KOREAN: dict[str, tuple[str, ...]] = _table(_FORMS)

# Words of any paper, with the stems that their Korean begins with.
_ANYWHERE = """
ability: 능력
abundant: 풍부
academic: 학술, 학계
accelerate: 가속, 빠르게
accurate: 정확
achieve: 달성, 얻었, 얻습, 이르, 기록
achievement: 성과
acknowledge: 인정, 인식
acquire: 획득
across: 전반, 걸쳐
actual: 실제
adapt: 적응, 맞추, 맞춰, 맞춘
add: 추가
additional: 추가, 별도
address: 해결, 다루, 풀기, 푸는, 풉니, 다룹
adjust: 조정, 조절
advance: 발전, 진보
advancement: 발전, 진보
advantage: 장점, 이점
aim: 목표, 목적
algorithm: 알고리즘
allow: 허용
already: 이미
alter: 바꾸, 바꿔
altering: 바꾸, 조절
always: 항상
amount: 분량, 많은
analysis: 분석
analyze: 분석, 살펴
answer: 답변, 응답, 대답, 답하
application: 응용, 적용, 애플리케이션
apply: 적용
approach: 접근, 방식, 방법
appropriate: 적절, 알맞
architecture: 아키텍처, 구조
artificial: 인공
ask: 묻는, 물어, 질문
assess: 평가
assistant: 어시스턴트, 보조
attach: 붙이, 붙여
automate: 자동
automatic: 자동
automatically: 자동
available: 공개, 사용가능, 이용가능, 구할
average: 평균
avoid: 피하, 막는, 방지, 않고
balance: 균형
base: 기반, 기초
basic: 기본
begin: 시작
behavior: 행동, 동작
better: 더나은, 우수, 낫고, 나은, 나아, 좋은, 좋아, 좋고, 높은
boost: 높이, 높여, 높인, 높입, 높였, 향상
bottleneck: 병목
bring: 가져
broad: 넓은, 폭넓, 넓게
build: 구축, 만들, 만든, 만듭, 세우, 세워
burden: 부담
call: 부르, 호출
candidate: 후보
capability: 능력, 역량
capable: 능력, 가능
capture: 포착, 캡처
cause: 원인, 일으, 초래
central: 중심, 핵심
challenge: 도전, 과제, 어려움, 문제, 어렵
challenging: 도전적, 어려운, 어려움, 어렵
change: 변화, 변경, 바꾸, 바뀌, 바꿔
characteristic: 특성, 특징
check: 확인, 검사
choice: 선택
choose: 고르, 골라, 선택
clear: 명확, 분명, 뚜렷
close: 가까, 근접
collect: 수집, 모은, 모으, 모아
collection: 모음, 수집
combine: 결합, 합치, 합쳐, 묶어, 함께
commercial: 상업
common: 일반적, 공통
communication: 통신, 소통
community: 커뮤니티
comparable: 비슷, 유사, 견줄, 대등, 맞먹
compare: 비교
comparison: 비교
compete: 경쟁
competitive: 경쟁력
complement: 보완, 함께
complementary: 보완
complete: 완전, 완성, 온전
complex: 복잡, 까다
complexity: 복잡
component: 구성요소, 요소
comprehensive: 포괄적, 종합적
compress: 압축
comprise: 이루어, 구성
compromise: 떨어, 해치, 저하
computation: 계산, 연산
computational: 계산, 연산
compute: 계산, 연산
concern: 우려, 걱정
condition: 조건
conduct: 수행, 진행
confidence: 확신, 신뢰
confident: 확신
confirm: 확인
connect: 연결, 이어
consider: 고려, 검토
consist: 이루어, 구성
constrain: 제약, 제한
construct: 구축, 구성, 만들, 만든
construction: 구축, 구성
consumption: 소비, 사용량
contain: 포함
content: 콘텐츠, 내용, 컨텐츠
continue: 계속
contrast: 반면, 달리, 대조
contribute: 기여
contribution: 기여
convert: 바꾸, 바꿔, 바꿉, 변환
copy: 복사
correct: 올바, 정확, 정답, 바로잡
cost: 비용
count: 세는, 개수
cover: 다루, 다룹, 아우르, 걸친, 걸쳐
create: 생성, 제작, 만들, 만드, 만든, 만듭
critical: 중요, 핵심, 결정적
crop: 자르, 잘라
current: 현재, 현존
cut: 줄이, 자르, 잘라
data: 데이터
debate: 논쟁
decide: 결정
decision: 결정, 의사결정
decrease: 감소, 줄이, 줄어, 줄여
dedicated: 별도, 전용
deep: 깊은, 심층
degradation: 떨어, 저하, 악화
degrade: 떨어, 저하
demand: 수요, 요구
demonstrate: 입증, 증명, 시연, 보여, 보였, 보입, 보인
demonstration: 시연, 데모
depend: 의존, 달려, 따라
deploy: 배포, 배치, 실제서비스
derive: 유도, 도출
describe: 설명, 묘사, 기술
desirable: 바람직
detail: 세부, 상세, 디테일, 자세
detailed: 자세, 상세, 세밀
deterioration: 저하, 떨어, 악화
determine: 결정, 정하, 정해
develop: 개발, 만들, 만든
development: 개발, 발전
differ: 차이, 다른, 다르
difference: 차이
different: 다르, 다른, 서로
difficult: 어려, 어렵
digital: 디지털
direct: 직접
direction: 방향
disclose: 밝혀, 공개
discover: 발견, 찾아
discovery: 발견
display: 보이, 표시
distinct: 서로다른, 구별
distinguish: 구별, 구분
distribution: 분포
diverse: 다양, 여러, 온갖
diversity: 다양성
divide: 나누, 나눈, 나눠
double: 두배
drive: 이끌, 움직
drop: 하락, 떨어, 감소
dynamics: 동역학, 역학
easily: 쉽게, 손쉽
easy: 쉽, 쉬운, 용이
edge: 엣지, 가장자리
effect: 효과, 영향
effective: 효과
effectiveness: 효과
efficiency: 효율
efficient: 효율
effort: 노력
element: 요소, 원소
eliminate: 없애, 제거, 없앱
emerge: 떠오르, 떠올, 등장
empirical: 실증, 경험
employ: 사용, 활용, 도입, 쓰는, 써서, 씁니
enable: 가능하게, 하게, 할수있
encourage: 장려, 유도
end: 끝나, 끝에
engine: 엔진
enhance: 향상, 강화, 높이, 높여, 높인, 높입, 높였
enough: 충분
entire: 전체
equal: 동일, 똑같
equip: 갖추
error: 오류, 에러
essential: 필수, 핵심
establish: 수립, 확립
estimate: 추정, 추산
evaluate: 평가
evaluation: 평가
every: 모든, 마다
exact: 정확, 정밀
examine: 살펴, 살피, 살폈
example: 예시, 예제
exceed: 초과, 능가, 넘어서, 넘는, 웃도
excel: 뛰어, 우수, 능숙
execute: 실행
exhibit: 보이, 보였, 보여
exist: 존재, 기존
existing: 기존, 지금까지, 이미
expand: 확장, 넓히, 넓힌, 늘리
expect: 기대, 예상
expensive: 비싼, 비용, 비싸
experiment: 실험
explain: 설명
exploit: 활용, 이용
explore: 탐구, 탐색, 살펴, 살피
extend: 확장
extension: 확장
extensive: 광범위, 폭넓
extract: 추출, 뽑아, 뽑는
fact: 사실
factor: 요인, 요소
factual: 사실
factuality: 사실성
fail: 못하, 못합, 못했, 실패
failure: 실패
fair: 공정
faithful: 충실
fall: 떨어, 낮아
fast: 빠른, 빠르, 빨리, 빠릅, 빨라, 빠르게
few: 적은, 소수, 몇몇
fewer: 적은, 적게, 줄여
fidelity: 충실도
field: 분야
final: 마지막, 최종
find: 발견, 찾아, 찾는, 드러, 밝혀, 알아냈
finding: 결과, 발견
first: 최초, 처음, 첫
fix: 고치, 고쳐, 고정
flexibility: 유연
flexible: 유연
focus: 집중, 초점, 중점
follow: 따르, 따라, 이어
forget: 잊는, 잊습, 망각
form: 형태, 이루
format: 형식, 포맷
framework: 프레임워크
free: 무료, 자유
freely: 무료, 자유
frequent: 자주, 흔히, 빈번
frozen: 고정, 동결
full: 전체, 완전
fuse: 융합, 합치, 합쳐
fusion: 융합, 합치, 합쳐
future: 미래, 향후
gain: 향상, 이득
gap: 격차, 차이
general: 일반
generate: 생성, 만드, 만들, 만든, 만듭
generation: 생성, 만드, 만들, 만든
goal: 목표
good: 좋은, 좋고, 좋아, 좋습
great: 크게, 매우
grow: 늘어, 커지, 증가
growth: 증가, 성장
guarantee: 보장
guide: 안내, 가이드, 유도, 이끄
half: 절반
handle: 처리, 다루, 다룹, 다룬
hard: 어려, 어렵
harm: 해치, 해로, 피해
help: 도움, 돕는
hidden: 숨은, 숨겨
hide: 숨기, 가리
high: 높은, 고품질, 고해상도, 높고, 높이, 높여, 높인, 높습, 높아
highlight: 강조
hinder: 방해, 가로막, 어렵
hurt: 나빠, 해치, 떨어
hypothesis: 가설
identify: 식별, 파악, 확인, 찾아, 찾는, 골라
ignore: 무시
impact: 영향
imperfect: 불완전
implement: 구현
implementation: 구현
implication: 함의, 의미
importance: 중요
important: 중요
improve: 개선, 향상, 높이, 높여, 높인, 높입, 높였, 나아, 좋아
improvement: 개선, 향상, 높이, 높였, 나아, 좋아
include: 포함
inconsistent: 불일치, 일관
incorporate: 통합
increase: 증가, 늘어, 늘리, 늘려, 커지, 키우, 높이
independent: 독립
individual: 개별, 개인
industry: 산업
influence: 영향
information: 정보
inherent: 본래, 내재, 고유
initial: 초기
inject: 넣어, 넣는, 주입
input: 입력
insert: 넣어, 넣는, 삽입
insight: 통찰, 인사이트
instability: 불안정
instead: 대신
insufficient: 부족, 충분하지
integrate: 통합, 합치, 합쳐, 결합
integration: 통합
intensive: 집약, 많이
interact: 상호작용
interaction: 상호작용
interface: 인터페이스
internal: 내부
introduce: 소개, 도입, 제안, 제시, 내놓
intuitive: 직관
investigate: 조사, 탐구, 연구, 살펴, 살피, 살폈
involve: 포함, 수반
issue: 문제, 이슈
iterate: 반복
iteration: 반복
iterative: 반복
keep: 유지, 지키
key: 핵심, 주요
known: 알려진, 알려져
lack: 부족, 결여, 없어, 없는, 없이, 않는
language: 언어
large: 대규모, 대형, 크고, 거대, 클수록, 커질수록
largely: 대체로, 대부분
lead: 이끌, 초래, 이끄, 낳는, 이어
learn: 학습, 배우, 배운, 익히
least: 가장, 최소
less: 적은, 적게
level: 수준, 레벨
leverage: 활용
library: 라이브러리
limit: 한계, 제한, 그치, 그쳤, 한정
limitation: 한계, 제한
limited: 제한, 한정, 그치, 그쳤
load: 불러, 적재
local: 지역, 로컬, 국소
location: 위치
long: 오랜, 오래, 장기, 길이
long term: 장기
lose: 잃지, 잃는, 손실, 지는
low: 낮은, 저비용, 낮고, 낮아, 낮습
lower: 낮추, 낮아, 낮은, 낮춥
maintain: 유지, 지키
make: 만들
manual: 수작업, 수동, 사람이
mask: 가리, 가린, 마스크
match: 일치, 맞먹, 대등, 맞추
maximize: 최대화, 극대화
mean: 의미, 평균
measure: 측정, 척도, 재는
mechanism: 메커니즘, 기법
method: 방법, 기법, 방식
methodology: 방법론, 방법
minimal: 최소
mitigate: 완화, 줄이
mix: 섞어, 섞는, 혼합
model: 모델
modify: 수정, 변경
module: 모듈
monitor: 감시, 모니터
more: 많은, 많이
motivate: 동기
move: 움직, 이동
movement: 움직임, 이동
multiple: 다중, 여러, 다수, 복수, 여러가지
name: 이름, 명명
natural: 자연, 자연스러, 자연스럽
naturalness: 자연스러
necessary: 필요, 필수
need: 필요, 요구, 있어야, 없이
negligible: 미미, 거의
network: 네트워크, 신경망
never: 전혀
new: 새로운, 새롭
next: 다음
novel: 새로운, 새롭
numerous: 수많, 많은, 여러
observe: 관찰, 보니
obtain: 얻은, 얻습, 얻는
offer: 제공
often: 흔히, 자주, 종종
open: 공개, 오픈, 개방
operate: 작동, 운영
operation: 연산, 작업, 작동
opportunity: 기회
optimal: 최적
optimize: 최적화
order: 순서, 차례
original: 원래, 원본, 기존
outcome: 결과
outperform: 능가, 뛰어넘, 우수, 앞서, 뛰어난, 앞섰, 앞섭, 앞선, 넘어서, 넘어섭, 웃도
output: 출력, 결과
overall: 전반, 전체
overcome: 극복
overlook: 간과, 놓치, 놓쳤, 지나쳤
pair: 쌍으로, 짝을
paper: 논문
parameter: 파라미터, 매개변수
part: 부분, 일부
partial: 부분
particular: 특정, 특히
pattern: 패턴
perceive: 인식, 지각
perform: 수행
performance: 성능
phase: 단계
place: 장소, 위치
plausible: 그럴듯
popular: 인기, 널리
position: 위치
positive: 긍정, 양성
possible: 가능
potential: 잠재, 가능성
power: 전력, 힘
powerful: 강력
practical: 실용, 실제
predict: 예측
prefer: 선호
present: 제시, 제안, 내놓, 소개
preserve: 보존, 유지, 지키
prevent: 방지
previous: 이전, 기존, 앞선, 선행
primary: 주된, 주요
principle: 원리, 원칙
principled: 체계적, 원칙
priority: 우선
problem: 문제
procedure: 절차
process: 과정, 처리, 프로세스
produce: 생성, 생산, 만드, 만들, 만든, 내놓
promise: 유망, 기대
promising: 유망
prone: 쉬운, 취약
property: 속성, 특성, 성질
proportional: 비례, 만큼
propose: 제안, 내놓, 제시
proven: 입증, 밝혀
provide: 제공
public: 공개, 공공
publicly: 공개
purpose: 목적
qualitative: 정성
quality: 품질, 질
quantitative: 정량
quick: 빠른, 빠르
quietly: 조용
raise: 올리, 올려, 높이
range: 범위
rank: 순위
rapid: 빠른, 급속
rate: 비율, 속도
rather: 대신, 보다는
reach: 이르, 도달, 달성, 이릅
read: 읽기, 읽는, 읽어
real: 실제, 진짜
real world: 현실, 실제
realistic: 현실적, 사실적
realize: 깨닫, 실현
reason: 이유, 추론
receive: 받는, 받아
recent: 최근, 요즘
recover: 복구, 회복
reduce: 감소, 줄이, 줄여, 낮추, 줄인, 줄입, 줄어, 줄었, 줄일, 낮춥, 낮아, 덜어
reduction: 감소, 축소, 줄이, 줄여, 줄인, 줄어
redundant: 중복, 불필요
refine: 정제, 개선
reflection: 반성, 성찰, 반사
region: 영역, 지역
relation: 관계
relationship: 관계
relative: 상대적
release: 공개, 출시, 내놓
relevant: 관련
reliable: 신뢰
rely: 의존
remain: 남아, 여전히, 남는
remarkable: 놀라, 뛰어
removal: 제거
remove: 제거, 없애, 빼고
repeat: 반복
replace: 대체, 바꾸, 바꿔, 대신
reproduce: 재현
reproduction: 재현
request: 요청
require: 요구, 필요, 있어야
requirement: 요구
research: 연구
researcher: 연구자, 연구원
resolution: 해상도
resource: 자원, 리소스
respond: 응답, 반응, 대답
response: 응답, 반응
restrict: 제한
result: 결과, 그결과, 따라서
reveal: 밝혀, 드러
rich: 풍부
rise: 오르, 올라, 높아
role: 역할
run: 돌아가, 돌리, 실행
same: 같은, 동일
sample: 샘플, 표본, 뽑아, 뽑는, 뽑습
scalable: 확장
scale: 규모, 스케일, 확장
score: 점수
screen: 화면, 스크린
select: 선택, 고르, 골라, 고른, 선별
sensitive: 민감
separate: 분리, 별도, 나누
sequence: 시퀀스, 순서, 서열
sequential: 순차
serve: 역할, 제공
set: 집합, 모음
setting: 설정, 환경
severe: 심각, 심한
share: 공유
shared: 공유
shift: 옮겨, 옮기, 전환, 변화
short: 짧은, 단기
shortcoming: 단점, 한계
show: 보여, 나타, 보였, 보입, 보인, 보임, 드러
shrink: 줄이, 축소
significant: 중요, 상당, 유의미, 현저, 크게, 훨씬, 매우
similar: 유사, 비슷
simple: 간단, 단순, 쉬운
single: 단일, 하나
size: 크기, 규모
slow: 느린, 느리, 느립, 느려
small: 작은, 소규모, 소형, 작고, 작아, 작습
solid: 탄탄
solution: 해결, 솔루션
solve: 해결, 푸는, 풀어, 풉니, 풀기
source: 소스, 출처
specific: 특정, 구체적
speed: 속도, 빠르, 빠른, 빨리, 빨라
split: 나누, 나눈, 나뉘, 분할
spread: 퍼지, 퍼진, 확산
stability: 안정
stable: 안정
stage: 단계
standard: 표준, 기준
start: 시작
state of the art: 최고수준, 최신, 최첨단
step: 단계, 스텝
still: 여전히, 아직
stop: 멈추, 중단
store: 저장
strategy: 전략
strict: 엄격
strong: 강력, 강한
structure: 구조
study: 연구, 살펴, 살피, 살폈
suboptimal: 차선, 최적이아닌
substantial: 상당, 크게, 훨씬
subtle: 미묘
success: 성공
suffer: 겪어, 겪는, 취약
sufficient: 충분
suggest: 시사, 제안
suitable: 알맞, 적합, 맞는
superior: 우수, 뛰어난, 뛰어나, 뛰어났, 더나은
support: 지원
surpass: 능가, 뛰어넘, 앞섰, 앞섭, 앞선, 넘어서, 넘어섭, 웃도
surprising: 놀라, 놀랄, 뜻밖
sustain: 유지, 지속
switch: 전환
synthesize: 합성
system: 시스템
systematic: 체계적
tailored: 맞춤, 맞춘
target: 목표, 타겟, 대상
task: 작업, 과제, 태스크
technique: 기술, 기법
technology: 기술
tend: 경향
test: 테스트, 시험
text: 텍스트, 글
theoretical: 이론
theory: 이론
together: 함께
tool: 도구
total: 전체, 총합
track: 추적
tradeoff: 조절, 절충
traditional: 전통, 기존
traditionally: 보통, 전통, 기존
train: 학습, 훈련, 트레이닝, 배우
transform: 변환, 바꾸, 바꿔, 바꿉
transparency: 투명
trend: 추세, 흐름
twice: 두배
type: 유형, 종류
typical: 대개, 흔히, 보통
typically: 대개, 흔히, 보통
unclear: 불분명, 불명확, 분명하지, 뚜렷하지
understand: 이해, 알려져
understanding: 이해, 알려져
unexplored: 연구되지, 탐구되지
unified: 통합
uniform: 균일, 고르게
uniformity: 균일
unique: 고유, 독특
universal: 보편
unknown: 알려지지
unprecedented: 전례
unseen: 처음보는, 본적없는
update: 업데이트, 갱신
use: 사용, 활용, 이용, 쓰는, 써서, 씁니, 쓰면, 쓰이, 쓰고
useful: 유용
utilize: 활용, 사용, 쓰는, 써서, 씁니
valid: 유효
validate: 검증
variant: 변형, 변종
variety: 다양
various: 다양, 여러, 온갖
vary: 바꾸, 다양, 다르
versatile: 다재다능, 다양하게, 두루
versatility: 다재다능, 다양하게, 두루
version: 버전
visible: 보이는
visualize: 시각화
vulnerable: 취약
way: 방법, 방식
weak: 약한, 약하
weaken: 약해, 약화
well: 제대로
whole: 전체, 통째
wide: 넓은, 광범위
widely: 널리, 폭넓
win: 이기, 이긴
word: 단어
work: 연구, 작업
world: 세계
worse: 나쁜, 악화, 나빠
worsen: 나빠
write: 쓰기, 작성, 적은
yet: 아직
yield: 산출
"""
GENERAL: dict[str, tuple[str, ...]] = _table(_ANYWHERE)

# Measures that a Korean sentence names by acronym where the English may write them out.
METRICS = frozenset(
    "WER CER PER TER DER EER MOS RTF BLEU ROUGE METEOR CIDEr SPICE COMET chrF BERTScore PSNR SSIM LPIPS FID FVD IS KID"
    " CLIPScore mAP AP AR AUC AUROC AUPRC AUPR MAE MSE RMSE MAPE IoU mIoU PQ F1 MCC NDCG nDCG MRR ECE PPL NLL FLOPs FPS"
    " TPR FPR TTFT EM ADE FDE ATE".split()
)
